import { Button } from "@mantine/core";

/** To the company's OpenID provider, and back to where this page is. */
export function ProviderButton({ label }: { label: string }) {
  const to = location.pathname + location.search;
  return (
    <Button component="a" href={`/api/oidc/start?${new URLSearchParams({ to })}`} size="md" fullWidth>
      {label}
    </Button>
  );
}
