import { additionalProperties, invalidValue, missingValue, tooFewValues, tooManyValues } from './refused-values.ts';

/**
 * What a value of a body must look like. A shape looks at its own level only and hands what lies below to `later`, so
 * that a body is refused for what is wrong nearest its top, as the published service does.
 */
export type Shape = (value: unknown, path: string, later: Later) => void;
type Later = (shape: Shape, value: unknown, path: string) => void;

/** Throws the published refusal of the first thing wrong, level by level; paths have slashes and begin at `path`. */
export function check(shape: Shape, value: unknown, path = ''): void {
  const waiting: [Shape, unknown, string][] = [[shape, value, path]];
  for (let i = 0; i < waiting.length; i++) {
    const [next, its, where] = waiting[i] as [Shape, unknown, string];
    next(its, where, (...one) => waiting.push(one));
  }
}

/** The path of a member or item of what stands at `path`. */
export function under(path: string, step: string | number): string {
  return path === '' ? String(step) : `${path}/${step}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type ObjectRules = {
  /** Looked for in this order. */
  readonly required?: readonly string[];
  /** Members not named are refused. */
  readonly isClosed?: boolean;
};

/** An object; members are looked at in the order given here, whatever order they came in. */
export function object(members: Readonly<Record<string, Shape>>, rules: ObjectRules = {}): Shape {
  const shapes = Object.entries(members);
  const named = new Set(shapes.map(([name]) => name));
  return (value, path, later) => {
    if (!isObject(value)) throw invalidValue(value, path);
    for (const name of rules.required ?? []) if (!Object.hasOwn(value, name)) throw missingValue(under(path, name));
    if (rules.isClosed) {
      const others = Object.keys(value).filter((name) => !named.has(name));
      if (others.length > 0) throw additionalProperties(others);
    }
    for (const [name, shape] of shapes) if (Object.hasOwn(value, name)) later(shape, value[name], under(path, name));
  };
}

/** A list of `min` to `max` items of one shape. */
export function list(item: Shape, size: { min?: number; max?: number } = {}): Shape {
  return listed(() => item, size);
}

/** A list of exactly as many items as there are shapes, each with its own. */
export function tuple(items: readonly Shape[]): Shape {
  return listed((index) => items[index] as Shape, { min: items.length, max: items.length });
}

function listed(shapeAt: (index: number) => Shape, { min = 0, max = Infinity }: { min?: number; max?: number }): Shape {
  return (value, path, later) => {
    if (!Array.isArray(value)) throw invalidValue(value, path);
    if (value.length < min) throw tooFewValues(value, path);
    if (value.length > max) throw tooManyValues(value, path);
    value.forEach((one, index) => {
      later(shapeAt(index), one, under(path, index));
    });
  };
}

/** A value for which `isRight` holds. */
export function valueThat(isRight: (value: unknown) => boolean): Shape {
  return (value, path) => {
    if (!isRight(value)) throw invalidValue(value, path);
  };
}

export const anything: Shape = () => {};

export const text: Shape = valueThat((value) => typeof value === 'string');

export function matching(pattern: RegExp): Shape {
  return valueThat((value) => typeof value === 'string' && pattern.test(value));
}

export function oneOf(...values: readonly unknown[]): Shape {
  return valueThat((value) => values.includes(value));
}

export function wholeNumber(least: number, most: number): Shape {
  return valueThat((value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most);
}

/** An object told apart by its `url`; one with a url that is not named here is refused. */
export function byUrl(shapes: Readonly<Record<string, Shape>>): Shape {
  const known = new Map(Object.entries(shapes));
  return (value, path, later) => {
    if (!isObject(value)) throw invalidValue(value, path);
    if (!Object.hasOwn(value, 'url')) throw missingValue(under(path, 'url'));
    const shape = known.get(value.url as string);
    if (!shape) throw invalidValue(value.url, under(path, 'url'));
    shape(value, path, later);
  };
}

/** A concept of exactly one coding whose code is right. */
export function codedAs(code: Shape, { system }: { system?: string } = {}): Shape {
  const coding = object(system === undefined ? { code } : { system: oneOf(system), code }, { required: ['code'] });
  return object({ coding: list(coding, { min: 1, max: 1 }) }, { required: ['coding'] });
}
