/** Middle of the values; half-way between the middle two. NaN for none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor, Math.ceil].map((round) => sorted[round((sorted.length - 1) / 2)] ?? NaN);
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** The value that `share` (0 to 1) of the values do not exceed. NaN for none. */
export function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

export type Spread = { median: number; min: number; max: number; rounds: number[] };
export const spreadOf = (rounds: number[]): Spread => {
  return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
};

export const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
