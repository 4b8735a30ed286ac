import { words } from '../names/surnames.ts';

/** First words of street names, most frequent first. */
export const streetNames: readonly string[] = [
  ...words(`
  Church Station Park Victoria Manor Mill London York Queens Kings Grange Chapel George North South West East Albert School
  Windsor Richmond Springfield Highfield Orchard Green Alexandra Oak Elm Ash Beech Maple Willow Cedar Lime Hawthorn Holly
  Chestnut Sycamore Poplar Laurel Meadow Field Hill Bridge Castle Abbey Priory Vicarage Rectory Wellington Nelson Clarence
  Churchill Stanley Cambridge Oxford Bath Clifton Warwick Derby Lincoln Norfolk Salisbury Durham Carlton Regent Cromwell
  Milton Tennyson Byron Shelley Wordsworth Dickens Kipling Primrose Bluebell Foxglove Heather Lavender Kestrel Kingfisher
  Heron Swallow Lark Mayfield Fairfield Brookside Riverside Lakeside Hillside Woodlands Northfield Westfield Eastfield
  Southfield Greenfield Moor Common Quarry Colliery Foundry Canal Market Union Cross Trinity Silver Garden Spring Summer
  `),
  "St John's",
  "St Mary's",
  "St James's",
  "St Peter's",
  "St Andrew's",
];

/** Last words of street names, most frequent first. */
export const streetKinds: readonly string[] = words(
  'Road Street Close Lane Avenue Drive Way Gardens Court Crescent Grove Terrace Place Walk Hill Rise View Mews Row Square',
);

/** Parts of a town that stand on a line of their own in some addresses. */
export const localities: readonly string[] = words(
  `Ashby Bankside Beechwood Bramley Broadfield Castleton Clayton Crossways Eastgate Fernhill Greenhill Hadleigh Heathfield
  Highgate Kingsway Langley Marshfield Moorside Newtown Northgate Oakwood Parkside Redhill Riverhead Shirley Southgate
  Stanton Thornhill Upperton Westgate Whitehill Woodside`,
);
