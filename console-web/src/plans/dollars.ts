/** A price in billionths of a US dollar, as people read it. */
export function dollars(nanoUsd: bigint, language: string): string {
  const value = Number(nanoUsd) / 1e9;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    ...(value > 0 && value < 0.1 ? { minimumSignificantDigits: 2, maximumSignificantDigits: 2 } : {}),
  }).format(value);
}
