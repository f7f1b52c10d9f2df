/** Two builds: the window (index.html, never with the fake backend in it) and, with --mode fake, the one for screens and flows. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: { port: 5173, strictPort: true },
  build: {
    outDir: mode === "fake" ? "dist-fake" : "dist",
    emptyOutDir: true,
    target: "es2022",
    // Fonts and pictures stay files: a data URL would need a wider content security policy.
    assetsInlineLimit: 0,
    rollupOptions: { input: mode === "fake" ? "fake.html" : "index.html" },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: { modules: { classNameStrategy: "non-scoped" as const } },
    // Each test renders a whole window; on a busy machine the largest, with 200 people, takes ten times its usual second.
    testTimeout: 60_000,
    maxWorkers: 2,
  },
}));
