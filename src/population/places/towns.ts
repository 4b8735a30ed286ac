/** A post town: its postcode area and how many districts it has, its county, its telephone numbers, its share. */
export type Town = {
  readonly name: string;
  readonly area: string;
  readonly firstDistrict: number;
  readonly districts: number;
  /** Written as a line of its own in some addresses; empty where it never is. */
  readonly county: string;
  /** Start of the telephone numbers kept free for use in fiction (Ofcom), to be filled up to eleven digits. */
  readonly telephone: string;
  /** Thousands of inhabitants, roughly. */
  readonly people: number;
};

const elsewhere = '01632960';

/** Town, area, first district, districts, thousands of people, county, telephone range. */
const list = `
London|E|1|18|960||02079460
London|N|1|22|880||02079460
London|NW|1|11|560||02079460
London|SE|1|28|980||02079460
London|SW|1|20|900||02079460
London|W|1|14|560||02079460
Birmingham|B|1|38|1140||01214960
Leeds|LS|1|29|810|West Yorkshire|01134960
Glasgow|G|1|46|640||01414960
Sheffield|S|1|14|590|South Yorkshire|01144960
Manchester|M|1|35|560|Lancashire|01614960
Bradford|BD|1|18|540|West Yorkshire|
Edinburgh|EH|1|17|530||01314960
Liverpool|L|1|38|500|Merseyside|01514960
Bristol|BS|1|16|470||01174960
Cardiff|CF|3|22|370||02920180
Leicester|LE|1|9|370|Leicestershire|01164960
Wakefield|WF|1|6|350|West Yorkshire|
Coventry|CV|1|7|345|West Midlands|
Belfast|BT|1|17|345||02896496
Nottingham|NG|1|16|330|Nottinghamshire|01154960
Newcastle upon Tyne|NE|1|20|300|Tyne and Wear|01914980
Doncaster|DN|1|12|310|South Yorkshire|
Sunderland|SR|1|6|275|Tyne and Wear|
Brighton|BN|1|3|290|East Sussex|
Hull|HU|1|9|260|North Humberside|
Plymouth|PL|1|9|265|Devon|
Wolverhampton|WV|1|11|265|West Midlands|
Stoke-on-Trent|ST|1|6|258|Staffordshire|
Derby|DE|1|24|260|Derbyshire|
Swansea|SA|1|7|245|West Glamorgan|
Southampton|SO|14|6|255|Hampshire|
Portsmouth|PO|1|6|210|Hampshire|
Aberdeen|AB|10|16|220||
York|YO|1|32|210|North Yorkshire|
Dudley|DY|1|9|200|West Midlands|
Northampton|NN|1|7|225|Northamptonshire|
Luton|LU|1|4|225|Bedfordshire|
Milton Keynes|MK|1|15|265|Buckinghamshire|
Bolton|BL|1|7|285|Lancashire|
Walsall|WS|1|10|285|West Midlands|
Bournemouth|BH|1|11|195|Dorset|
Norwich|NR|1|16|195|Norfolk|
Reading|RG|1|10|230|Berkshire|01184960
Swindon|SN|1|6|220|Wiltshire|
Croydon|CR|0|9|390|Surrey|02079460
Bromley|BR|1|8|330|Kent|02079460
Enfield|EN|1|5|330|Middlesex|02079460
Harrow|HA|0|9|260|Middlesex|02079460
Ilford|IG|1|11|300|Essex|02079460
Romford|RM|1|20|260|Essex|02079460
Kingston upon Thames|KT|1|6|175|Surrey|02079460
Twickenham|TW|1|14|240|Middlesex|02079460
Uxbridge|UB|1|11|300|Middlesex|02079460
Sutton|SM|1|7|205|Surrey|02079460
Dartford|DA|1|12|240|Kent|
Oldham|OL|1|9|235|Lancashire|
Warrington|WA|1|16|210|Cheshire|
Huddersfield|HD|1|9|165|West Yorkshire|
Peterborough|PE|1|7|200|Cambridgeshire|
Cambridge|CB|1|5|145|Cambridgeshire|
Oxford|OX|1|4|155|Oxfordshire|
Gloucester|GL|1|4|130|Gloucestershire|
Cheltenham|GL|50|5|118|Gloucestershire|
Exeter|EX|1|6|130|Devon|
Torquay|TQ|1|4|135|Devon|
Truro|TR|1|4|90|Cornwall|
Taunton|TA|1|4|110|Somerset|
Bath|BA|1|3|100|Avon|
Salisbury|SP|1|5|110|Wiltshire|
Guildford|GU|1|10|250|Surrey|
Redhill|RH|1|9|190|Surrey|
Tunbridge Wells|TN|1|6|180|Kent|
Maidstone|ME|14|7|175|Kent|
Canterbury|CT|1|6|160|Kent|
Chelmsford|CM|1|4|180|Essex|
Colchester|CO|1|8|190|Essex|
Southend-on-Sea|SS|0|7|180|Essex|
Ipswich|IP|1|11|170|Suffolk|
St Albans|AL|1|5|150|Hertfordshire|
Stevenage|SG|1|6|140|Hertfordshire|
Watford|WD|3|16|180|Hertfordshire|
Hemel Hempstead|HP|1|6|150|Hertfordshire|
Slough|SL|0|7|260|Berkshire|
Worcester|WR|1|6|105|Worcestershire|
Hereford|HR|1|4|85|Herefordshire|
Shrewsbury|SY|1|5|95|Shropshire|
Telford|TF|1|7|175|Shropshire|
Chester|CH|1|6|120|Cheshire|
Wigan|WN|1|8|330|Lancashire|
Stockport|SK|1|8|295|Cheshire|
Crewe|CW|1|5|120|Cheshire|
Preston|PR|1|6|150|Lancashire|
Blackburn|BB|1|5|150|Lancashire|
Blackpool|FY|1|6|145|Lancashire|
Lancaster|LA|1|5|110|Lancashire|
Carlisle|CA|1|6|110|Cumbria|
Darlington|DL|1|5|108|County Durham|
Durham|DH|1|6|95|County Durham|
Middlesbrough|TS|1|10|175|Cleveland|
Harrogate|HG|1|4|110|North Yorkshire|
Halifax|HX|1|6|120|West Yorkshire|
Lincoln|LN|1|6|130|Lincolnshire|
Grimsby|DN|31|7|110|South Humberside|
Scunthorpe|DN|15|4|90|South Humberside|
Newport|NP|10|11|155|Gwent|
Llandudno|LL|30|5|90|Gwynedd|
Wrexham|LL|11|4|110|Clwyd|
Llandrindod Wells|LD|1|5|45|Powys|
Dundee|DD|1|6|150||
Perth|PH|1|3|60||
Inverness|IV|1|6|75||
Kirkcaldy|KY|1|8|140||
Falkirk|FK|1|6|120||
Paisley|PA|1|6|110||
Motherwell|ML|1|7|130||
Kilmarnock|KA|1|9|120||
Dumfries|DG|1|5|60||
Galashiels|TD|1|6|50||
Lisburn|BT|27|4|75||
Derry|BT|47|3|95||
`;

export const towns: readonly Town[] = list
  .trim()
  .split('\n')
  .map((line) => {
    const [name, area, first, districts, people, county, telephone] = line.split('|') as [string, ...string[]];
    return {
      name,
      area: area!,
      firstDistrict: Number(first),
      districts: Number(districts),
      people: Number(people),
      county: county!,
      telephone: telephone || elsewhere,
    };
  });
