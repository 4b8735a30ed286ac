/*
 * npm run bench -- pds|cis|mesh [options]; --help after either tells more. Each prints machine, commit and command.
 */
const [what] = process.argv.slice(2);
if (what === 'pds') await import('./pds.ts');
else if (what === 'cis') await import('./cis.ts');
else if (what === 'mesh') await import('./mesh.ts');
else {
  process.stdout.write(
    'npm run bench -- pds [--help]   demographics\nnpm run bench -- cis [--help]   identity\nnpm run bench -- mesh [--help]  messages\n',
  );
  process.exitCode = what === '--help' ? 0 : 2;
}
