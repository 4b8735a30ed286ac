/** Smaller ones are not worth it. */
const leastBytes = 16 * 1024;

/**
 * Gives the memory of bytes back now, not at some later collection: buffers on their way through are garbage of 100 MB before
 * V8 collects them. For whoever alone holds them: they are empty afterwards. What shares its memory with others stays as it is.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.length < leastBytes) return;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
}
