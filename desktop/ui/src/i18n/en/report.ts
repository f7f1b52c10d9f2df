/** Texts of Report. */
export const report = {
  back: "Back to the analysis",
  title: "Report",
} as const;
