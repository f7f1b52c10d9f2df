const dayMs = 24 * 60 * 60_000;

/** Whole days from `now` to a moment, rounded up: the last day counts. Not above 0 once it is over. */
export const daysUntil = (moment: string, now: number): number => Math.ceil((new Date(moment).getTime() - now) / dayMs);

const dayNumber = (time: Date) => Math.floor((time.getTime() - time.getTimezoneOffset() * 60_000) / 86_400_000);

/** Days that have begun here since a time: 0 today, 1 yesterday. */
export const daysAgo = (time: string, now: Date): number => dayNumber(now) - dayNumber(new Date(time));
