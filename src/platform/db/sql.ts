/** A statement ready to run: its text, its values, and the name it is prepared under. */
export type Statement = { readonly text: string; readonly values: unknown[]; readonly name: string };

/** A piece of SQL text taken as it is; for identifiers and fragments of our own, never for anything a caller sent. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export const raw = (text: string): Raw => new Raw(text);

type Shape = { text: string; name: string };
const shapes = new WeakMap<TemplateStringsArray, Shape>();
const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size + 1}`;
    names.set(text, name);
  }
  return name;
}

/**
 * Writes a statement: each `${value}` becomes a parameter, each `${raw(text)}` is text. The same template is prepared
 * once a connection and found again by its name.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Statement {
  if (!values.some((value) => value instanceof Raw)) {
    let shape = shapes.get(strings);
    if (!shape) {
      const text = strings.reduce((whole, part, i) => `${whole}$${i}${part}`);
      shape = { text, name: nameOf(text) };
      shapes.set(strings, shape);
    }
    return { text: shape.text, values, name: shape.name };
  }
  let text = strings[0] as string;
  const parameters: unknown[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Raw) text += value.text;
    else {
      parameters.push(value);
      text += `$${parameters.length}`;
    }
    text += strings[i + 1];
  }
  return { text, values: parameters, name: nameOf(text) };
}
