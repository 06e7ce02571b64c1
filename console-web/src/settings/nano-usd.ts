const nanoDigits = 9;

/** Billionths of a US dollar as dollars, exactly, without zeros that say nothing. */
export function dollars(nano: bigint): string {
  const digits = nano.toString().padStart(nanoDigits + 1, "0");
  const fraction = digits.slice(-nanoDigits).replace(/0+$/, "");
  const whole = digits.slice(0, -nanoDigits);
  return fraction === "" ? whole : `${whole}.${fraction.padEnd(2, "0")}`;
}

/**
 * Dollars as somebody types them, as billionths. Undefined: that is no amount,
 * or finer than a billionth. No floating point is in between.
 */
export function nanoUsd(text: string): bigint | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.normalize("NFKC").trim().replace(/^\$\s*/, ""));
  return match === null ? undefined : BigInt(`${match[1] ?? ""}${(match[2] ?? "").padEnd(nanoDigits, "0")}`);
}
