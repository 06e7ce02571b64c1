/** Offsets and lengths of texts travel as bytes of UTF-8; strings here are UTF-16. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function byteLength(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes += 1;
    } else if (unit < 0x800) {
      bytes += 2;
    } else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index += 1;
    } else {
      bytes += 3;
    }
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** The text from byte `start` on, up to byte `end`. Both fall between characters. */
export function sliceBytes(text: string, start: number, end?: number): string {
  return decoder.decode(encoder.encode(text).subarray(start, end));
}
