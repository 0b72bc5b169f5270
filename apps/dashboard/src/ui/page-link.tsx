/** A link to a page of ours, as a word in a text: typed by the routes, and read in advance on hovering. */
import { Anchor, type AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';

type PlainProps = AnchorProps & Omit<ComponentProps<'a'>, keyof AnchorProps>;

const Plain = (props: PlainProps) => <Anchor inherit {...props} />;

export const PageLink = createLink(Plain);
