import type { Role } from "@/backend/contract";

/** From who may most to who may least. */
export const roles = ["admin", "doctor", "assistant"] as const satisfies readonly Role[];
