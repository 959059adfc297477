import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";

interface DeliberateButtonProps extends ButtonProps {
  onPress: () => void;
  children: ReactNode;
}

/** A button for what cannot be taken back: a plain Enter, which people press in passing, does not press it. */
export function DeliberateButton({ onPress, ...rest }: DeliberateButtonProps) {
  return (
    <Button
      {...rest}
      onClick={onPress}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.preventDefault();
      }}
    />
  );
}
