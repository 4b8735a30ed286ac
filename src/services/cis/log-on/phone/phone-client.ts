/** Where phones go; below it stands the name of a request. */
export const phonePath = '/cis2/phone';

/** The client of our own for which people log on on their phones; its codes are never redeemed. */
export const phoneClientId = 'openspine-phone';
/** What it is called on the log-on page of the phone. */
export const phoneClientName = 'Approve a log-on on another device';
