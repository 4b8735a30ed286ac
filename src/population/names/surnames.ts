/** Frequent surnames of Great Britain, most frequent first. */
const frequent = `
Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green Hall
Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Rodgers Campbell Hill Moore Clark Turner
Harris Ward Cooper King Watson Morris Baker Edwards Harrison Martin Hughes Lee Morgan Allen Parker Bennett Young Scott
Anderson Griffiths Cook Bailey Carter Shaw Marshall Collins Murphy Miller Cox Stewart Richardson Adams Price Bell Kelly
Murray Simpson Gray Ellis Foster Webb Chapman Hunt Palmer Lloyd Knight Barnes Powell Rogers Russell Stevens Mills Butler
Owen Fisher Jenkins Harvey Barker Pearson Dixon Fletcher Graham Reid Thomas Howard Andrews Reynolds Ford Fox Elliott
Gibson Hart Holmes Hamilton Johnston Robertson Gordon Grant Kennedy Wallace Lawrence Brooks Ryan Payne Saunders Bradley
Ross Matthews Day Rees Spencer Watts Burton Walsh Lawson Armstrong Newman Carr Francis Burns West Nicholson Dawson
Pritchard Cole Perry Stone Cunningham Woods Hawkins Gardner Gilbert Crawford Perkins Hopkins Warren Berry Hudson Kerr
Barrett Curtis Ferguson Hussain Lane Potter Read Henderson Paterson Dunn Bird Austin Booth Thomson Harding Lowe Sutton
Wells Page Walton Bishop Rice Arnold Black Atkinson Higgins Davidson Nixon Cross Fraser Cartwright Nash Duncan Moss
Bond Bryant Coleman Lynch Little Wilkinson Dean Frost Porter Ball Baldwin Freeman Woodward Hewitt Gallagher Reeves
Stephenson Jordan Holland Goodwin Gregory Bull Norris Sharp Tucker Hobbs Parsons Mann Lamb Watkins Doyle Byrne Fuller
Humphreys Barton French Cameron Hayes Stephens Norman Long Bates Briggs Parry Pollard Kemp Slater McDonald MacDonald
McKenzie Sinclair Buckley Daniels Winter Steele Bowen Baxter Davey Osborne Marsh Howe Bird Vaughan Quinn Weston Wheeler
Horton Summers Charlton Rowe Gill Hooper Poole Bartlett Chambers Whitehead Kirby Short Sanders Garner Skinner Sheppard
Hodgson Dickinson Welch Fowler Middleton Nicholls Pearce Preston Webster Winter Yates Abbott Adamson Akhtar Begum
O'Brien O'Connor O'Neill O'Sullivan McCarthy McLean Munro Sutherland Douglas Ramsay Rennie Buchanan Guthrie Ogilvie
Llewellyn Probert Bevan Pugh Meredith Gwynne Prosser Maddox Tudor Beynon
`;

const firsts = `
Ash Bar Beck Bent Birch Black Brad Bram Brook Bur Cal Car Chad Clay Clif Cold Crom Dal Den Dun Eccle East Elms Fair Farn
Fen Gar Glen Green Had Hal Hamble Har Hart Hat Haw Hazel Hea Hind Hol Horn Hux Ing Kel Ken King Kirk Lang Lin Long Lud
Mal Marl Mel Middle Mor Nor North Oak Old Os Pen Pick Rad Raven Red Ring Rod Ruther Sax Sed Shel Sher Stan Stock Strat
Sut Swin Thorn Tun Up Wake Wal Wat Wen West Whit Wick Win Wood Wor Yard
`;

const lasts = `
ford ley ton wood worth well field by bourne ham combe cliffe dale den gate hurst land low man more ridge shaw stead
stone thorpe wick
`;

/** Forty per cent of people bear a frequent surname, the others one of some three thousand named after a place. */
export const british = { frequent: words(frequent), firsts: words(firsts), lasts: words(lasts) };

/** The words of a list, each once. */
export function words(text: string): string[] {
  return [...new Set(text.trim().split(/\s+/))];
}
