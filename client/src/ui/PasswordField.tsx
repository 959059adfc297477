/** A password that can be looked at while it is typed, by mouse, finger and keyboard. */

import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useState } from "react";

interface PasswordFieldProps extends Omit<PasswordInputProps, "value" | "onChange"> {
  value: string;
  onType: (text: string) => void;
}

export function PasswordField({ onType, ...rest }: PasswordFieldProps) {
  const [is_shown, setShown] = useState(false);
  return (
    <PasswordInput
      required
      withAsterisk={false}
      maxLength={4_000}
      autoCapitalize="none"
      spellCheck={false}
      visible={is_shown}
      onVisibilityChange={setShown}
      visibilityToggleButtonProps={{ "aria-label": "Show password", "aria-pressed": is_shown, tabIndex: 0 }}
      errorProps={{ role: "alert" }}
      {...rest}
      onChange={(event) => onType(event.currentTarget.value)}
    />
  );
}
