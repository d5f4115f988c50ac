/** How often it is asked whether what is on its way may stay so, in ms. */
const lookMs = 250;

/**
 * Does work that a slow receiver may draw out, and aborts `cutting` when the right to it ends meanwhile (P5).
 *
 * Shape: `stands` is asked in memory; if it throws, the right has ended.
 */
export async function whileStands<T>(
  stands: () => boolean | Promise<boolean>,
  cutting: AbortController,
  work: () => Promise<T>,
): Promise<T> {
  const look = async (): Promise<void> => {
    const isAllowed = await Promise.resolve()
      .then(stands)
      .catch(() => false);
    if (!isAllowed) cutting.abort();
  };
  const looking = setInterval(() => void look(), lookMs);
  try {
    return await work();
  } finally {
    clearInterval(looking);
  }
}
