import type { report as en } from "../en/report";
import type { Same } from "../same";

export const report: Same<typeof en> = {
  back: "Volver al análisis",
  title: "Informe",
};
