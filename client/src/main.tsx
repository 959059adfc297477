import "@mantine/core/styles.css";
import "./ui/tokens.css";

import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { watchLinks } from "./lib/linkToken";
import { listenForKeys } from "./palette/palette";
import { Mishap } from "./ui/Mishap";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root to render into");

watchLinks();
listenForKeys(document);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Mishap>
        <App />
      </Mishap>
    </MantineProvider>
  </StrictMode>,
);
