import { words } from './surnames.ts';

/** Given names by the decade of birth, most frequent first. */
const girls: Readonly<Record<number, string>> = {
  1920: `Margaret Mary Joan Doris Dorothy Kathleen Joyce Irene Gladys Hilda Marjorie Winifred Betty Phyllis Edna Elsie
    Eileen Vera Nora Ivy Florence Ethel Jean Marion Muriel Audrey Freda Lilian Olive Constance Nellie Mabel Evelyn Gwendoline`,
  1930: `Margaret Jean Mary Joan Patricia Sheila Barbara Doreen June Shirley Dorothy Joyce Maureen Elizabeth Audrey
    Brenda Kathleen Sylvia Eileen Pamela Betty Beryl Ann Beatrice Rita Marjorie Norma Jacqueline Iris Peggy Daphne Thelma`,
  1940: `Margaret Patricia Christine Mary Jean Ann Susan Janet Maureen Barbara Valerie Carol Sandra Pauline Elizabeth Joan
    Pamela Jennifer Kathleen Anne Sheila Brenda Gillian Linda Jacqueline Dorothy Shirley Judith Rosemary Wendy Sylvia Hazel`,
  1950: `Susan Linda Christine Margaret Carol Jennifer Janet Patricia Barbara Ann Sandra Pamela Pauline Jean Jacqueline
    Kathleen Sheila Valerie Maureen Gillian Marilyn Elizabeth Lesley Catherine Brenda Wendy Angela Rosemary Shirley Diane`,
  1960: `Susan Julie Karen Jacqueline Deborah Tracey Jane Helen Diane Sharon Alison Sally Elizabeth Amanda Angela Linda
    Janet Caroline Christine Carol Lesley Gillian Wendy Jayne Dawn Lorraine Beverley Debra Sandra Catherine Anne Joanne`,
  1970: `Sarah Claire Nicola Emma Lisa Joanne Michelle Helen Samantha Karen Victoria Rachel Louise Julie Clare Rebecca
    Sharon Tracey Alison Paula Jane Angela Amanda Caroline Donna Kerry Joanna Melanie Andrea Tracy Jennifer Susan`,
  1980: `Sarah Laura Gemma Emma Rebecca Claire Victoria Samantha Rachel Amy Jennifer Nicola Katie Lisa Kelly Natalie
    Louise Michelle Hayley Hannah Helen Charlotte Joanne Lucy Elizabeth Leanne Danielle Donna Katherine Clare Stephanie Zoë`,
  1990: `Rebecca Lauren Jessica Charlotte Hannah Sophie Amy Emily Laura Emma Chloe Sarah Lucy Katie Bethany Jade Megan
    Danielle Alice Abigail Olivia Samantha Georgia Rachel Natasha Holly Victoria Kirsty Elizabeth Chelsea Shannon Paige`,
  2000: `Chloe Emily Jessica Ellie Sophie Megan Charlotte Lucy Hannah Olivia Lauren Holly Grace Katie Amy Molly Bethany Emma
    Abigail Mia Georgia Ella Leah Rebecca Daisy Amelia Ruby Lily Eleanor Isabella Millie Erin Caitlin Freya Jasmine Imogen`,
  2010: `Olivia Amelia Emily Isla Ava Isabella Lily Jessica Ella Mia Sophie Poppy Grace Evie Sophia Freya Charlotte Isabelle
    Ivy Florence Daisy Phoebe Evelyn Alice Sienna Willow Ruby Chloe Matilda Rosie Elsie Erin Maisie Millie Esmé Zoë`,
  2020: `Olivia Amelia Isla Ava Lily Ivy Freya Florence Willow Isabella Mia Rosie Sophia Elsie Poppy Evie Grace Sienna Maya
    Daisy Ella Phoebe Evelyn Matilda Harper Luna Millie Maeve Aria Arabella Bonnie Ottilie Delilah Margot Mabel Violet`,
};

const boys: Readonly<Record<number, string>> = {
  1920: `John William George James Ronald Robert Kenneth Frederick Thomas Albert Eric Edward Arthur Charles Leslie Sidney
    Frank Stanley Harold Reginald Leonard Norman Dennis Ernest Jack Raymond Walter Joseph Donald Cyril Herbert Victor`,
  1930: `John Peter Ronald Kenneth Brian Derek Raymond George Michael Roy Dennis William James Donald Alan Robert Gordon
    Thomas David Stanley Eric Frank Leslie Anthony Norman Edward Gerald Frederick Bernard Terence Douglas Keith`,
  1940: `John David Michael Peter Robert Anthony Brian Alan William James Richard Kenneth Roger Keith Colin Christopher
    Raymond Graham Barry Terence Malcolm Thomas George Roy Geoffrey Ronald Derek Dennis Paul Patrick Edward Barrie`,
  1950: `David John Michael Peter Stephen Alan Robert Paul Brian Graham Philip Anthony Colin Christopher Geoffrey William
    James Keith Terence Barry Malcolm Richard Ian Derek Roger Raymond Kenneth Andrew Trevor Martin Kevin Nigel`,
  1960: `David Paul Andrew Mark John Michael Stephen Ian Robert Richard Christopher Peter Simon Anthony Kevin Gary Steven
    Martin James Philip Alan Neil Nigel Timothy Colin Graham Jonathan Nicholas William Adrian Brian Stuart`,
  1970: `Paul Mark David Andrew Richard Christopher James Simon Michael Matthew Stephen Lee John Robert Darren Daniel Steven
    Jason Nicholas Jonathan Ian Neil Peter Stuart Anthony Martin Kevin Craig Philip Gary Scott Wayne`,
  1980: `Christopher James David Daniel Michael Matthew Andrew Richard Paul Mark Thomas Adam Robert John Lee Benjamin Steven
    Jonathan Craig Stephen Simon Nicholas Peter Anthony Alexander Gary Ian Ryan Darren Barry Philip Stuart`,
  1990: `Thomas James Jack Daniel Matthew Ryan Joshua Luke Samuel Jordan Adam Alexander Michael Benjamin Joseph Liam Jake
    William Andrew George Lewis Oliver David Robert Jamie Nathan Connor Jonathan Harry Callum Aaron Kieran`,
  2000: `Jack Thomas Joshua Oliver Harry James William Samuel Daniel Charlie Benjamin Joseph Callum George Jake Alfie Luke
    Matthew Ethan Lewis Jacob Mohammed Dylan Alexander Ryan Adam Tyler Harvey Max Cameron Liam Jamie Leo Owen Connor`,
  2010: `Oliver Jack Harry George Jacob Charlie Noah William Thomas Oscar James Muhammad Henry Alfie Leo Joshua Freddie Ethan
    Archie Isaac Joseph Alexander Samuel Daniel Logan Edward Lucas Max Mohammed Benjamin Mason Harrison Theo Jake`,
  2020: `Noah Oliver George Muhammad Leo Arthur Oscar Theodore Freddie Theo Archie Henry Alfie Charlie Luca Jude Finley Albie
    Tommy Teddy Harry Arlo Jack Roman Rory Reuben Elijah Hudson Otis Ezra Louie Hugo Sebastian Rupert`,
};

const byDecade = (names: Readonly<Record<number, string>>): string[][] =>
  Object.keys(names)
    .sort()
    .map((decade) => words(names[Number(decade)]!));

/** British given names of girls and boys: one list a decade from the 1920s on. */
export const britishGirls: readonly string[][] = byDecade(girls);
export const britishBoys: readonly string[][] = byDecade(boys);

/** Names people are called by, for the given names they are short for. */
export const shortForms: ReadonlyMap<string, string> = new Map(
  `Margaret:Maggie Elizabeth:Liz Patricia:Pat Christine:Chris Susan:Sue Jennifer:Jenny Deborah:Debbie Jacqueline:Jackie
  Catherine:Cath Katherine:Kate Rebecca:Becky Victoria:Vicky Samantha:Sam Abigail:Abi Isabella:Bella William:Bill
  Robert:Bob Richard:Dick Michael:Mike Christopher:Chris Anthony:Tony Thomas:Tom James:Jim Andrew:Andy Stephen:Steve
  Steven:Steve Matthew:Matt Daniel:Dan Benjamin:Ben Joshua:Josh Samuel:Sam Alexander:Alex Nicholas:Nick Edward:Ted
  Frederick:Fred Ronald:Ron Kenneth:Ken Raymond:Ray Terence:Terry Timothy:Tim Jonathan:Jon Philip:Phil Joseph:Joe`
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split(':') as [string, string]),
);
