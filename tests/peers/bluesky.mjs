// The real Bluesky network on this machine: directory, personal data server, app view. Prints its addresses as
// one line of JSON when it is ready; ends with its standard input. Started by bluesky.py, which names the ports.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const given = JSON.parse(process.env.SPORTELLO_BLUESKY)
const require = createRequire(given.modules + '/')
const { TestNetwork, TestNetworkNoAppView } = await import(pathToFileURL(require.resolve('@atproto/dev-env')).href)

// Alone: only directory and data server, which need no database server; with the network's own limits.
const network = await (given.alone ? TestNetworkNoAppView : TestNetwork).create({
  dbPostgresSchema: given.schema,
  plc: given.ports ? { port: given.ports[0] } : {},
  pds: {
    ...(given.ports ? { port: given.ports[1] } : {}),
    hostname: 'localhost',
    enableDidDocWithSession: true,
    rateLimitsEnabled: given.alone,
  },
  bsky: given.ports ? { port: given.ports[2], publicUrl: `http://localhost:${given.ports[2]}` } : {},
})

process.stdout.write(JSON.stringify({ pds: network.pds.url, appview: network.bsky?.url, plc: network.plc.url }) + '\n')
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
