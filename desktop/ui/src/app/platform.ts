import { createContext, useContext } from "react";
import type { Platform } from "@/backend/contract";

const PlatformContext = createContext<Platform>("linux");

export const PlatformProvider = PlatformContext;

/** Where the window runs: decides how keys are written and which keychain is named. */
export const usePlatform = (): Platform => useContext(PlatformContext);
