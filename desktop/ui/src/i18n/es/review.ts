import type { review as en } from "../en/review";
import type { Same } from "../same";

export const review: Same<typeof en> = {
  back: "Volver a expedientes",
  report: "Informe",
  no_analysis: "Aún sin análisis",
  sections: {
    summary: "Lo más importante",
    conflicts: "Conflictos",
    problems: "Problemas",
    signs_symptoms: "Signos y síntomas",
    medications: "Medicación",
    allergies: "Alergias",
    vitals: "Constantes vitales",
    labs: "Laboratorio",
    procedures: "Procedimientos",
    imaging: "Imagen",
    social_history: "Antecedentes sociales",
    immunizations: "Vacunas",
    directives: "Voluntades anticipadas",
    timeline: "Evolución",
    follow_ups: "Seguimiento",
    gaps: "Esperado y no encontrado",
  },
};
