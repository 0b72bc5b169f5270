/** What breaks in one panel breaks that panel alone. */
import { Component, type ReactNode } from 'react';
import { Failed } from './states.js';

interface Caught {
  readonly error: unknown;
}

export class Boundary extends Component<{ readonly children: ReactNode }, Caught> {
  override state: Caught = { error: undefined };

  static getDerivedStateFromError(error: unknown): Caught {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <Failed error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
