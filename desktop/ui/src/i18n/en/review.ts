/** Texts of Review. */
export const review = {
  back: "Back to records",
  report: "Report",
  no_analysis: "No analysis yet",
  sections: {
    summary: "Most important",
    conflicts: "Conflicts",
    problems: "Problems",
    signs_symptoms: "Signs and symptoms",
    medications: "Medications",
    allergies: "Allergies",
    vitals: "Vital signs",
    labs: "Laboratory",
    procedures: "Procedures",
    imaging: "Imaging",
    social_history: "Social history",
    immunizations: "Immunizations",
    directives: "Directives",
    timeline: "Course",
    follow_ups: "Follow-up",
    gaps: "Expected, not found",
  },
} as const;
