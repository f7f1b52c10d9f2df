const dayMs = 24 * 60 * 60_000;

/** Whole days from `now` to a moment, rounded up: the last day counts. Not above 0 once it is over. */
export const daysUntil = (moment: string, now: number): number => Math.ceil((new Date(moment).getTime() - now) / dayMs);
