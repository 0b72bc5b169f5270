/** A text that is to be taken elsewhere: shown whole, and copied by a button. */
import { Button, Code, CopyButton } from '@mantine/core';
import { CopyIcon } from '../../ui/icons.js';
import classes from './settings.module.css';

interface CopiedProps {
  readonly text: string;
  /** What it is. */
  readonly label: string;
}

export const Copied = ({ text, label }: CopiedProps) => (
  <div className={classes.copied}>
    <Code block className={classes.code} aria-label={label}>
      {text}
    </Code>
    <CopyText text={text} label={label} />
  </div>
);

/** `isNamed`: the button says what it copies, where nothing beside it does. */
export const CopyText = ({
  text,
  label,
  isNamed = false,
}: CopiedProps & { readonly isNamed?: boolean }) => (
  <CopyButton value={text}>
    {({ copied, copy }) => (
      <Button size="xs" variant="default" leftSection={<CopyIcon size={14} />} onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
        <span className={isNamed ? classes.named : 'spoken'}> {label}</span>
      </Button>
    )}
  </CopyButton>
);
