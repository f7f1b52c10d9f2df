/** The zones that this computer knows, with the one that is set. */
export function timeZones(known: string): string[] {
  const zones = new Set(Intl.supportedValuesOf("timeZone"));
  zones.add("UTC");
  zones.add(known);
  return [...zones].toSorted();
}
