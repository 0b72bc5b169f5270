/** Signing in: with a token that is pasted, or by a one-time link, whose code stands after the `#`. */
import {
  Button,
  Center,
  Code,
  Image,
  Paper,
  PasswordInput,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { signIn } from '../api/session.js';
import logo from '../flywheel.svg';
import { Failed } from '../ui/states.js';

const route = getRouteApi('/sign-in');
type By = Parameters<typeof signIn>[0];

/** The code of the link that was opened, once: it is taken out of the address at once. */
function takeCode(): string | undefined {
  const code = window.location.hash.slice(1);
  if (code === '') return undefined;
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, '', `${pathname}${search}`);
  return code;
}

export function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const open = async (by: By): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await signIn(by);
      queries.clear();
      await router.navigate({ href: next ?? '/', replace: true });
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a link is opened once, when the page is.
  useEffect(() => {
    const code = takeCode();
    if (code !== undefined) void open({ link: code });
  }, []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const given = token.trim();
    if (given !== '') void open({ token: given });
  };

  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder radius="lg" p="xl" w="100%" maw={420}>
        <form onSubmit={submit}>
          <Stack>
            <Image src={logo} alt="" w={40} h={40} />
            <div>
              <Title order={1}>Sign in to Flywheel</Title>
              <Text size="sm" c="dimmed" mt={4}>
                Paste your token, or open a one-time sign-in link.
              </Text>
            </div>
            <PasswordInput
              label="Token"
              name="token"
              autoComplete="current-password"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              // The library leaves it out of the keyboard's way: who cannot click wants to look too.
              visibilityToggleButtonProps={{ tabIndex: 0 }}
              data-autofocus
              required
            />
            {error !== undefined && <Failed error={error} />}
            <Button type="submit" loading={isBusy}>
              Sign in
            </Button>
            <Text size="xs" c="dimmed">
              The one who runs this server finds the admin token in the file{' '}
              <Code>admin-token</Code> of its data folder, and gives others a link of their own.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
