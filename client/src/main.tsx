import "@mantine/core/styles.css";
import "./ui/tokens.css";

import { MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { keepFocus } from "./lib/keepFocus";
import { watchLinks } from "./lib/linkToken";
import { styleNonce } from "./lib/nonce";
import { listenForKeys } from "./palette/palette";
import { Mishap } from "./ui/Mishap";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root to render into");

const nonce = styleNonce();
if (nonce !== undefined) setNonce(nonce); // of what keeps the page from scrolling under a dialog
watchLinks();
listenForKeys(document);
keepFocus(document);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ""}>
      <Mishap>
        <App />
      </Mishap>
    </MantineProvider>
  </StrictMode>,
);
