/** What the server runs with: nothing acknowledged may be lost, and it must fit a small machine. */
export function serverSettings(port: number): string[] {
  return [
    // Where it is heard: on this machine, by password.
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=100',
    // Acknowledged means durable. On the command line nothing in the data folder overrides it.
    'fsync=on',
    'synchronous_commit=on',
    'full_page_writes=on',
    'wal_compression=on',
    'max_wal_size=2GB',
    'checkpoint_timeout=15min',
    // Memory of a small machine; the shared memory of a container (64 MB) must do for sorts.
    'shared_buffers=256MB',
    'effective_cache_size=1GB',
    'work_mem=8MB',
    'maintenance_work_mem=128MB',
    // Short statements on solid-state disks.
    'jit=off',
    'random_page_cost=1.1',
    // What the log says, in words that we can read.
    'lc_messages=C',
    'log_timezone=UTC',
    'timezone=UTC',
    'log_checkpoints=off',
    // A row or a value that is refused may hold what somebody is called: neither is ever logged.
    'log_error_verbosity=terse',
    'log_parameter_max_length=0',
    'log_parameter_max_length_on_error=0',
    'cluster_name=flywheel',
  ];
}
