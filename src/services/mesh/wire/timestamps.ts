/** Forms of instants on the wire; orders are microseconds since 1970, UTC. */

/** yyyyMMddHHmmss. */
export function compactTime(order: number): string {
  return new Date(order / 1000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

/** yyyy-mm-ddThh:mm:ss.ffffff, without a zone, as version 2 has it. */
export function isoTime(order: number): string {
  const micros = order % 1000;
  return `${new Date((order - micros) / 1000).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}`;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `last-modified` as MESH writes it: with UTC where HTTP has GMT. */
export function lastModified(order: number): string {
  const at = new Date(order / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `${days[at.getUTCDay()]}, ${two(at.getUTCDate())} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${time} UTC`;
}
