/** A link to a page of ours whose address is only known as a text: what the interface says, said as a page. */
import { Anchor } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

export function AddressLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children: ReactNode;
}) {
  const router = useRouter();
  const follow = (event: MouseEvent): void => {
    // In a new tab the browser opens it.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ href });
  };
  return (
    <Anchor inherit href={href} onClick={follow}>
      {children}
    </Anchor>
  );
}
