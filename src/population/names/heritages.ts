import { words } from './surnames.ts';

/** People whose families came from elsewhere: their share of households in a thousand, and their names. */
export type Heritage = {
  readonly share: number;
  readonly surnames: readonly string[];
  readonly girls: readonly string[];
  readonly boys: readonly string[];
  /** Code and display of the language some of them prefer (UKCore-HumanLanguage). */
  readonly language: readonly [string, string];
};

function heritage(share: number, language: string, surnames: string, girls: string, boys: string): Heritage {
  const [code, display] = language.split(' ') as [string, string];
  return { share, language: [code, display], surnames: words(surnames), girls: words(girls), boys: words(boys) };
}

export const heritages: readonly Heritage[] = [
  heritage(
    22,
    'ga Irish',
    `Murphy Kelly O'Sullivan Walsh O'Brien Byrne Ryan O'Connor O'Neill Doyle McCarthy Gallagher Doherty Kennedy Lynch Quinn
    McLoughlin O'Carroll Connolly Daly O'Connell Wilson Dunne Brennan Burke Collins Clarke Ó'Súilleabháin Nolan Fitzgerald`,
    `Mary Sinéad Niamh Aoife Siobhán Ciara Róisín Bridget Caoimhe Gráinne Orla Máire Eileen Fionnuala Deirdre Saoirse`,
    `Patrick Seán Conor Michael Ciarán Brendan Liam Declan Pádraig Eoin Niall Cormac Dermot Ruairí Séamus Fionn`,
  ),
  heritage(
    32,
    'pl Polish',
    `Nowak Kowalska Wiśniewski Wójcik Kowalczyk Kamińska Lewandowski Zieliński Szymańska Woźniak Dąbrowski Kozłowski Mazur
    Jankowski Krawczyk Piotrowski Grabowska Pawłowski Michalski Król Wieczorek Jabłońska Wróbel Nowakowski Majewski Olszewska`,
    `Anna Katarzyna Agnieszka Małgorzata Joanna Magdalena Monika Zofia Julia Maja Zuzanna Ewa Beata Dorota Aleksandra`,
    `Piotr Krzysztof Andrzej Tomasz Paweł Łukasz Michał Marcin Jakub Kacper Szymon Wojciech Rafał Grzegorz Mateusz`,
  ),
  heritage(
    20,
    'ro Romanian',
    `Popa Popescu Ionescu Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Rusu Constantin Marin Moldovan Tudor Munteanu
    Florea Lazăr Barbu Ene`,
    `Maria Elena Ioana Andreea Mihaela Cristina Alexandra Daniela Gabriela Simona Raluca Sofia`,
    `Andrei Alexandru Ion Gheorghe Mihai Ştefan Cristian Daniel Adrian Ionuţ Marius David Luca`,
  ),
  heritage(
    14,
    'pt Portuguese',
    `Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Gonçalves Fernandes Gomes Lopes Marques Alves Ribeiro
    Pinto Carvalho Teixeira Araújo Simões`,
    `Maria Ana Mariana Inês Beatriz Leonor Matilde Catarina Sofia Conceição Teresa Joana`,
    `João José António Rodrigo Francisco Tiago Miguel Gonçalo Afonso Luís Tomás Nuno`,
  ),
  heritage(
    14,
    'es Spanish',
    `García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Muñoz Jiménez Ruiz Hernández Díaz Álvarez Núñez
    Ibáñez Vásquez Castañeda Peña`,
    `María Carmen Lucía Sofía Ana Begoña Paula Elena Inés Rocío Nuria Valentina`,
    `Antonio José Manuel Javier Álvaro Hugo Martín Íñigo Andrés Sergio Raúl Adrián`,
  ),
  heritage(
    12,
    'it Italian',
    `Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Coppola Mancini D'Angelo
    Giordano Rizzo Lombardi Moretti`,
    `Giulia Maria Francesca Chiara Sofia Aurora Martina Alessia Elena Silvia Carmela Rosa`,
    `Giuseppe Francesco Antonio Leonardo Lorenzo Mattia Alessandro Marco Luca Andrea Davide Niccolò`,
  ),
  heritage(
    6,
    'de German',
    `Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Krüger Köhler Jäger Weiß
    Günther Böhm`,
    `Anna Lena Hannah Käthe Ursula Mathilde Elise Brigitte Sabine Jutta`,
    `Jürgen Lukas Jonas Matthias Götz Felix Maximilian Klaus Stefan Björn`,
  ),
  heritage(
    6,
    'fr French',
    `Martin Bernard Dubois Lefèvre Moreau Laurent Dupont François Besançon Lévêque Noël Girard Mercier Rousseau Fontaine
    Desprès`,
    `Chloé Amélie Hélène Noémie Anaïs Camille Léa Manon Sylvie Brigitte Inès`,
    `Rémi Étienne Jérôme Théo Lucas Hugo Gaëtan Benoît Olivier Raphaël`,
  ),
  heritage(
    36,
    'gu Gujarati',
    `Patel Shah Sharma Kumar Desai Mehta Joshi Gupta Mistry Parmar Chauhan Solanki Rana Reddy Nair Iyer Menon Rao Verma
    Agarwal Trivedi Bhatt Pandya Amin Fernandes D'Souza Pillai Mukherjee Chatterjee Banerjee`,
    `Priya Anjali Sunita Meera Neha Pooja Nisha Kavita Hansa Kokila Asha Diya Anaya Saanvi Lakshmi Bhavna Rekha Jyoti Isha`,
    `Raj Amit Sanjay Vijay Rahul Nikhil Arjun Aarav Rohan Dinesh Ramesh Suresh Kiran Hitesh Mahesh Krishna Dev Vihaan`,
  ),
  heritage(
    18,
    'pa Punjabi',
    `Singh Kaur Gill Sandhu Dhillon Sidhu Grewal Bains Johal Atwal Dhaliwal Sahota Mann Rai Cheema Virdee Bhogal Uppal
    Chahal Randhawa`,
    `Harpreet Manpreet Jaspreet Gurpreet Simran Amrit Balwinder Surinder Kulwinder Parminder Jasmine Navneet Ravinder`,
    `Harjit Gurdeep Jaswinder Amarjit Baldev Manjit Sukhdev Kuldip Arjan Jaskaran Ravinder Parminder Gurpreet`,
  ),
  heritage(
    40,
    'ur Urdu',
    `Khan Ahmed Hussain Ali Akhtar Malik Mahmood Iqbal Shah Mirza Butt Qureshi Chaudhry Rashid Aslam Sheikh Bibi Begum
    Hussein Raja Anwar Javed Nawaz Saleem Zaman Yousaf Abbasi Sadiq Ashraf Siddiqui`,
    `Fatima Ayesha Aisha Zainab Maryam Khadija Saima Nazia Shazia Rubina Amina Hira Sana Noor Iqra Nasreen Parveen Hafsa`,
    `Mohammed Muhammad Ahmed Ali Hassan Usman Imran Bilal Hamza Tariq Asif Zain Ibrahim Yusuf Khalid Adeel Faisal Haroon`,
  ),
  heritage(
    16,
    'bn Bengali',
    `Begum Miah Khatun Uddin Rahman Islam Ali Ahmed Hussain Khanom Choudhury Hoque Islam Alam Chowdhury Karim Haque Sultana`,
    `Fatima Nasima Shireen Rahima Ayesha Maryam Sadia Taslima Rukhsana Nusrat Tahmina Sumaiya`,
    `Mohammed Abdul Shah Rafiqul Kamal Jamal Anwar Rashid Tanvir Ismail Imran Sayed Nurul`,
  ),
  heritage(
    28,
    'yo Yoruba',
    `Okafor Adeyemi Ogunleye Mensah Owusu Boateng Osei Asante Adebayo Okonkwo Eze Nwosu Obi Balogun Afolabi Oladipo Agyeman
    Appiah Sarpong Chukwu Ibrahim Bello Amoah Ansah Oyelaran Adjei Kamara Conteh Sesay Moyo Ncube`,
    `Grace Blessing Chioma Ngozi Abena Ama Akosua Folake Yetunde Adaeze Esther Ruth Temitope Efua Comfort Mercy Fatou`,
    `Emmanuel Samuel Kwame Kofi Kwabena Chidi Emeka Tunde Oluwaseun David Daniel Ifeanyi Yaw Ebenezer Joseph Babatunde`,
  ),
  heritage(
    16,
    'so Somali',
    `Mohamed Ali Abdi Ahmed Hassan Ibrahim Hussein Omar Yusuf Farah Warsame Jama Osman Aden Nur Abdullahi Ismail Al-Hassan
    El-Sayed Haddad Khalil Mansour Saleh Aziz`,
    `Fadumo Amina Hodan Halima Sahra Khadra Ifrah Layla Nour Mariam Yasmin Hana Rania Salma`,
    `Mohamed Abdi Ahmed Abdullahi Yusuf Omar Mahad Liban Karim Tarek Hisham Bassam Youssef Khaled`,
  ),
  heritage(
    14,
    'zh Chinese',
    `Wong Chan Lee Cheung Li Wang Zhang Liu Chen Lam Ng Ho Leung Tang Yip Lau Tsang Yang Huang Zhao Wu Zhou Nguyen Tran`,
    `Mei Ling Wei Xiu Jing Yan Hui Fang Siu Ka Suet Hoi Linh Thuy`,
    `Wei Jun Ming Chi Kwok Tak Ho Yong Jian Hao Lei Siu Minh Tuan`,
  ),
  heritage(
    9,
    'tr Turkish',
    `Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Koç Güneş Erdoğan Mehmet`,
    `Fatma Ayşe Emine Hatice Zeynep Elif Gülşen Özlem Büşra Songül Defne Çiğdem`,
    `Mehmet Mustafa Ahmet Hüseyin İbrahim Murat Ömer Emre Yusuf Gökhan Çağlar Uğur`,
  ),
];
