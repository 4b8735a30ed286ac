/** `n:m`: chunk n of m. */
export type ChunkRange = { readonly number: number; readonly total: number };

const mostChunks = 100_000;

/** Reads `mex-chunk-range`; undefined where it is none: digits, 1 ≤ n ≤ m, and no more chunks than anybody needs. */
export function readChunkRange(text: string): ChunkRange | undefined {
  const match = /^\s*(\d{1,9})\s*:\s*(\d{1,9})\s*$/.exec(text);
  if (!match) return undefined;
  const [number, total] = [Number(match[1]), Number(match[2])];
  return number >= 1 && number <= total && total <= mostChunks ? { number, total } : undefined;
}
