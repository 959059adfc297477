/** The second step of signing in: setting it up, and switching it off. Rules TF4 and TF7. */

import { Button, Group, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import { formatMoment } from "../../lib/time";
import type {
  OwnPassword,
  RecoveryCodes,
  SecondFactorChoice,
  SecondFactorOffer,
  SecondFactorState,
} from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { Copyable } from "../../ui/Copyable";
import { CopyButton } from "../../ui/CopyButton";
import { PasswordField } from "../../ui/PasswordField";
import classes from "./AccountPage.module.css";

const PATH = "/api/me/second-factor";

type Step =
  | { readonly is: "password"; readonly doing: "on" | "off" }
  | { readonly is: "scan"; readonly offer: SecondFactorOffer }
  | { readonly is: "recovery"; readonly codes: readonly string[] };

export function SecondFactor() {
  const fetched = useFetched<SecondFactorState>(PATH);
  const { server_offset_ms } = useConnection();
  const [step, setStep] = useState<Step | null>(null);
  if (fetched.phase !== "ready") return null;
  const { since_ms, recovery_left } = fetched.value;
  const close = (): void => {
    setStep(null);
    askAgain(PATH);
  };
  return (
    <section className={classes.card} aria-labelledby="second_factor">
      <div className={classes.card_head}>
        <div>
          <Title order={2} size="h4" id="second_factor">
            Second step of signing in
          </Title>
          <p className={classes.sub}>
            {since_ms === null
              ? "Off: your password alone lets you in."
              : `On since ${formatMoment(since_ms, Date.now() + server_offset_ms)}. Recovery codes left: ${recovery_left}.`}
          </p>
        </div>
        <Button variant="default" onClick={() => setStep({ is: "password", doing: since_ms === null ? "on" : "off" })}>
          {since_ms === null ? "Set up…" : "Switch off…"}
        </Button>
      </div>
      {step?.is === "password" && (
        <PasswordStep
          doing={step.doing}
          onClose={close}
          onOffer={(offer) => setStep(offer === null ? null : { is: "scan", offer })}
        />
      )}
      {step?.is === "scan" && (
        <ScanStep offer={step.offer} onClose={close} onDone={(codes) => setStep({ is: "recovery", codes })} />
      )}
      {step?.is === "recovery" && <RecoveryStep codes={step.codes} onClose={close} />}
    </section>
  );
}

interface PasswordStepProps {
  doing: "on" | "off";
  onClose: () => void;
  /** Null once it is off. */
  onOffer: (offer: SecondFactorOffer | null) => void;
}

function PasswordStep({ doing, onClose, onOffer }: PasswordStepProps) {
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const go = async (): Promise<void> => {
    setSending(true);
    const body: OwnPassword = { password };
    const sent = await send<SecondFactorOffer | null>("POST", `${PATH}/${doing === "on" ? "offer" : "off"}`, body);
    setSending(false);
    if (!sent.is_done) {
      return setProblem(sent.code === "wrong_password" ? "That is not your password." : sentence(sent.expected));
    }
    if (doing === "on") onOffer(sent.value);
    else onClose();
  };
  return (
    <Modal opened onClose={onClose} title={doing === "on" ? "Set up the second step" : "Switch off the second step?"}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_sending) void go();
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            {doing === "on"
              ? "You need an authenticator app on your telephone. First, your password:"
              : "Your password alone lets you in then."}
          </Text>
          <PasswordField
            label="Password"
            autoComplete="current-password"
            data-autofocus
            error={problem}
            value={password}
            onType={(text) => {
              setPassword(text);
              setProblem(null);
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_sending}>
              {doing === "on" ? "Continue" : "Switch off"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ScanStepProps {
  offer: SecondFactorOffer;
  onClose: () => void;
  onDone: (codes: readonly string[]) => void;
}

function ScanStep({ offer, onClose, onDone }: ScanStepProps) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const confirm = async (): Promise<void> => {
    setSending(true);
    const body: SecondFactorChoice = { offer: offer.offer, code };
    const sent = await send<RecoveryCodes>("PUT", PATH, body);
    setSending(false);
    if (sent.is_done) onDone(sent.value.codes);
    else setProblem(sentence(sent.expected));
  };
  return (
    <Modal opened onClose={onClose} title="Scan this with your app" closeOnClickOutside={false}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_sending) void confirm();
        }}
      >
        <Stack gap="sm">
          <img className={classes.picture} src={offer.picture} alt="QR code for the authenticator app" />
          <Text size="sm">No camera? Type this into the app:</Text>
          <Copyable label="Copy the key" text={offer.secret} />
          <TextInput
            label="Code that the app shows"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={10}
            data-autofocus
            error={problem}
            errorProps={{ role: "alert" }}
            value={code}
            onChange={(event) => {
              setCode(event.currentTarget.value);
              setProblem(null);
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_sending}>
              Switch on
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function RecoveryStep({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keep these codes"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="sm">
        <Text size="sm">
          The second step is on. If you lose the app, each of these lets you in once. They are shown only now.
        </Text>
        <ul className={classes.codes} aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <Group justify="space-between">
          <CopyButton label="Copy the codes" text={() => codes.join("\n")} size={36} />
          <Button data-autofocus onClick={onClose}>
            I have kept them
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
