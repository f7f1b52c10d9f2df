/** Steps of the text size, in percent. */
export const smallestText = 90;
export const largestText = 150;
export const textSizes = [90, 100, 110, 125, 150] as const;

/** The step after or before a size. */
export function nextTextSize(size: number, direction: 1 | -1): number {
  const steps = direction > 0 ? textSizes : textSizes.toReversed();
  return steps.find((step) => (direction > 0 ? step > size : step < size)) ?? size;
}
