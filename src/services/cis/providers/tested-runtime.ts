// The OpenID library writes a warning to the console wherever Node does not call itself a long-term release. The Node of
// this project comes from npm, whose builds leave that name out; that the library works on it is what our tests are for.
if ((process.release as { lts?: string }).lts === undefined) Object.assign(process.release, { lts: 'Tested here' });
