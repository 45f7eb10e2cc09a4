/** Loaded before a program: when whoever started it is gone, and with it the other end of standard input, it is asked to stop. */
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume()
process.stdin.on('error', () => {})
