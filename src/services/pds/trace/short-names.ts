/** English given names and the short forms they commonly go by; the first of each line is the full name. */
const groups = `
abigail abby gail|adrian ade|albert al bert bertie|alexander alex alec sandy xander|alexandra alex sandra lexi|alfred alf fred alfie
amanda mandy|andrew andy drew|angela angie|anne annie nan|anthony tony ant|archibald archie|arthur art|barbara babs barb
benjamin ben benny|bernard bernie|bridget biddy|cameron cam|caroline carrie caz|catherine cath cathy kate katie kitty
charles charlie chas chuck|charlotte lottie charlie|christine chris chrissie|christopher chris kit|clifford cliff|cynthia cindy
daniel dan danny|david dave davy|deborah deb debbie debra|dennis den|derek del|donald don|dorothy dot dottie dolly
douglas doug|edward ed eddie ted ned|eleanor ellie nell nora|elizabeth liz beth betty eliza lizzie libby betsy elsie lisa
emily em millie|ernest ernie|eugene gene|florence flo florrie|frances fran frankie|francis frank|frederick fred freddie
gabriel gabe|gareth gary|geoffrey geoff|george georgie|gerald gerry|gertrude gertie|gillian gill|gregory greg|gwendoline gwen
harold harry hal|harriet hattie|henry harry hank|herbert herb bert|isabella bella izzy|jacob jake|jacqueline jackie
james jim jimmy jamie|janet jan|jeffrey jeff|jennifer jen jenny|jeremy jez jerry|jessica jess jessie|joan joanie|joanne jo
john jack johnny|jonathan jon jonny|joseph joe joey|josephine jo josie|joshua josh|judith judy|julia julie|katherine kate katie kathy kath
kathleen kath kathy kay|kenneth ken kenny|kimberley kim|laurence larry laurie|leonard len lenny|leslie les|lewis lou|lillian lil lily
louise lou|lucy lu|madeleine maddie|malcolm mal|margaret maggie meg peggy marge margie madge daisy greta rita|marjorie marge
martha mattie|martin marty|mary molly polly may|matilda tilly|matthew matt mat|megan meg|melanie mel|michael mick mike micky mickey
michelle shell|mildred millie|mohammed mohammad muhammad mo|nancy nan|natalie nat|nathan nate|nathaniel nat nate|nicholas nick nicky
nicola nicky nikki|norman norm|oliver ollie|olivia liv|oscar ozzy|pamela pam|patricia pat patsy trish tricia|patrick pat paddy
penelope penny|peter pete|philip phil pip|philippa pippa|phyllis phil|rachel rach|raymond ray|rebecca becky becca|reginald reg reggie
richard rick dick ricky rich|robert bob rob bobby robbie bert|roberta bobbie|roger rog|ronald ron ronnie|rosemary rose rosie|rupert ru
samantha sam|samuel sam sammy|sarah sally sadie|sebastian seb|sidney sid|stanley stan|stephanie steph|stephen steve stevie steven
stuart stu|susan sue susie suzy|sylvia syl|terence terry|theodore theo ted|theresa terry tess tessa|thomas tom tommy|timothy tim
valerie val|vera vee|veronica ronnie|victor vic|victoria vicky tori|vincent vince|violet vi|virginia ginny|vivian viv|walter walt wally
wilfred wilf|william bill will billy willy liam|winifred win winnie|yvonne von|zachary zach zak
`;

const groupsOf = new Map<string, number[]>();
const lines = groups
  .trim()
  .split(/[|\n]/)
  .map((line) => line.trim().split(' '));
lines.forEach((names, group) => {
  for (const name of names) groupsOf.set(name, [...(groupsOf.get(name) ?? []), group]);
});

/** True when both are forms of one given name, as `bob` and `robert`, or `bill` and `will`. Takes name keys. */
export function areFormsOfOneName(a: string, b: string): boolean {
  const others = groupsOf.get(b);
  return others !== undefined && (groupsOf.get(a) ?? []).some((group) => others.includes(group));
}

/** The short forms of a full given name; empty where none is known. Takes a name key. */
export function shortFormsOf(name: string): readonly string[] {
  return lines.find((names) => names[0] === name)?.slice(1) ?? [];
}
