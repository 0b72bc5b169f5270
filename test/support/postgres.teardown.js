// Jest's globalTeardown: stops the server that the setup started, and waits until its folder is gone.
export default async function teardown() {
  const child = globalThis.flywheelTestServer;
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end();
  await ended;
}
