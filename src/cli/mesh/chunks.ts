/** One piece of a file: its number from 1, where it begins, and how many bytes it has. */
export type Chunk = { readonly number: number; readonly from: number; readonly bytes: number };

/** The published client's size of a chunk before compression, and the most MESH takes in one request, in bytes. */
export const usualChunkBytes = 75 * 1024 * 1024;
export const mostChunkBytes = 100 * 1024 * 1024;

/** The pieces a file of this many bytes is sent in: all of the same size but the last; none for an empty file. */
export function chunksOf(bytes: number, chunkBytes: number): Chunk[] {
  const count = Math.ceil(bytes / chunkBytes);
  return Array.from({ length: count }, (_, index) => {
    const from = index * chunkBytes;
    return { number: index + 1, from, bytes: Math.min(chunkBytes, bytes - from) };
  });
}
