/** What `openspine mesh --help` says. */
export const help = `openspine mesh: a MESH client, for this or any other MESH

  openspine mesh send FILE... --to MAILBOX --workflow ID [options]   send files, each as a message
  openspine mesh fetch [DIRECTORY] [options]                         fetch and acknowledge what waits in the inbox
  openspine mesh watch [DIRECTORY] [options]                         the same, again and again, until stopped
  openspine mesh folder DIRECTORY [--once] [options]                 out, sent, in and failed, with .ctl and .dat pairs
  openspine mesh list [--long] [options]                             what waits in the inbox; nothing is fetched
  openspine mesh track ID... [--local-id]                            what became of messages we sent
  openspine mesh check                                               whether these settings are right, and what is wrong

Which MESH, and who we are (or MESH_URL, MESH_MAILBOX, MESH_PASSWORD, MESH_SHARED_KEY, MESH_CERT, MESH_KEY,
MESH_KEY_PASSWORD, MESH_CA):
  --url URL                 https://host[/messageexchange]; http only on this machine (http://localhost:8600)
  --mailbox ID              our mailbox
  --password-file FILE      its password; on http://localhost "password" unless given
  --shared-key-file FILE    the environment's shared key; on http://localhost "TestKey" unless given
  --cert FILE --key FILE    our certificate and its private key (PEM); --key-password-file FILE
  --ca FILE                 authorities we believe (PEM), instead of the system's
  --api 1|2                 version of the interface (2)

Sending:
  --local-id ID  --subject TEXT  --partner ID  --name NAME  --content-type TYPE  --encrypted
  --gzip                    compress, each chunk by itself
  --chunk MB                size of a chunk before compression, 1 to 100 (75; 1 MB is 1,048,576 bytes)
  --checksum TEXT           instead of the file's SHA-256;  --no-checksum: none
  --state DIRECTORY         where it is kept how far we are (beside the file)
  --again                   send although it is not known whether a former try arrived

Fetching and listing:
  --message ID              fetch: this one only
  --workflow FILTER         those of a workflow: NAME, NAME*, *NAME*, each also with ! before it
  --keep                    fetch: leave them in the inbox
  --max N                   so many at most
  --long                    list: also workflow, sender, size and subject, one request a message
  --every SECONDS           watch, folder: between looks where MESH offers no waiting (300)

  --tries N                 of a request that may be repeated, before giving up (10; waits double up to a minute)
  --timeout SECONDS         of silence, before a connection is given up (60)
  --json                    write results as JSON, one a line
  --quiet                   no progress

The same command goes on where one that was stopped or cut off ended. Exit codes: 0 done; 1 refused or failed; 2 called
wrongly; 3 not finished, the same command goes on; 4 a first send was cut off and may have arrived: call again to settle it.

Example:
  openspine mesh send results.csv --mailbox X26ABC1 --to X26ABC2 --workflow TEST_WORKFLOW`;
