import { defineConfig } from "vite";

// Two scripts with fixed names; Django's manifest adds the hashes. Nothing is inlined, for the pages' CSP forbids it.
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "../src/mutirao/site/static/built",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: { shell: "src/shell.js", charts: "src/charts.js" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: (asset) => (asset.names?.[0]?.endsWith(".css") ? "shell.css" : "[name][extname]"),
      },
    },
  },
});
