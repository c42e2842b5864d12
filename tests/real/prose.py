"""The words of our test documents: written for this project, so that nobody else's rights are in them."""

SENDER = [
    "Marlow & Finch, Bookbinders",
    "14 Tanner's Row",
    "Eastbridge EB2 7QX",
    "Telephone 0555 018 2240",
]
LETTER_DATE = "9 March 2026"
LETTER = [
    "Dear Mrs. Abernathy,",
    "Thank you for the three atlases, which reached us on Tuesday in good order. We have looked at each of them under "
    "the lamp, and can now tell you what the repairs would involve and what they would cost.",
    "The oldest volume (1874) has lost its spine entirely, and 23 of its 118 plates are loose. The paper itself is "
    "strong: it was made from rags, and has hardly browned. We would sew the sections anew on five cords, line the "
    "spine with linen, and make a cover of quarter leather in the manner of the time. This takes about six weeks and "
    "comes to £485.00.",
    "The second volume needs less. Its hinges have cracked, as they nearly always do in books of this weight, and the "
    "map of the northern coast between pages 96 and 97 is torn along its folds. Japanese tissue and wheat paste will "
    "mend both for £140.50, and the repair can be undone at any time.",
    "About the third we have to disappoint you. Somebody, perhaps fifty years ago, mended it with adhesive tape; the "
    "glue has gone right through the paper and stained 40% of the maps. We can take off the tape, but not the stains, "
    "and we advise you to keep the book as it is, in a box that shuts out light and dust.",
    "Please let us know by the end of the month whether we may begin. Until then the atlases are kept in our safe, and "
    "are insured for £2,000.",
    "Yours sincerely,",
    "Josephine Marlow",
]

NEWSLETTER_HEADER = "The Allotment Gazette - Spring number"
NEWSLETTER_TITLE = "What the Winter Left Us"
LEFT_COLUMN = [
    (
        "Frost and its uses",
        "It was the coldest January since we began to keep the weather book. On the night of the 11th the thermometer "
        "beside the tool shed stood at minus fourteen, and the water butts split from top to bottom. Those of us who "
        "had dug their heavy clay in autumn were rewarded for it: the frost has broken the clods into a crumb that no "
        "spade could have made. Those who had not are digging now, and say little.",
    ),
    (
        "The hedge",
        "Along the railway we have laid sixty yards of hawthorn and hazel. The stems are cut nearly through, bent "
        "over, and held by stakes; they look dead for a month and then shoot from every bud. Wrens have moved in "
        "already. Please keep your dogs away from it until May.",
    ),
]
RIGHT_COLUMN = [
    (
        "Seeds to share",
        "The seed box is in the hut again. Take what you will sow, and bring back in autumn what you can spare. There "
        "are twelve sorts of bean, among them the purple one from Mr. Okafor's grandmother, and far too much parsley. "
        "Write the year on the packet: parsnips older than one season do not come up, whatever the label promises.",
    ),
    (
        "Dates",
        "The water is turned on again on Saturday, 4 April. Working parties meet at 9.30 on the first Sunday of each "
        "month; bring gloves. Rents are due by the 30th and stay as they were, at 42 a plot and 25 for a half. Eleven "
        "people wait for a plot, so tell the committee early if you mean to give yours up.",
    ),
]

SHOP = ["THE CORNER PANTRY", "3 Mill Lane, Eastbridge", "VAT No. 555 0173 92", "21.02.2026 17:42 Till 2"]
ITEMS = [
    ("Rye bread 750 g", "3.20"),
    ("Butter, salted", "2.45"),
    ("Eggs, free range x6", "2.95"),
    ("Tomatoes 0.612 kg", "1.83"),
    ("Olive oil 0.5 l", "7.90"),
    ("Ground coffee", "5.49"),
    ("Oranges 1.240 kg", "3.10"),
    ("Paper bag", "0.15"),
]
TOTALS = [("TOTAL", "27.07"), ("CASH", "30.00"), ("CHANGE", "2.93")]
THANKS = ["Items: 8, served by Ines", "Thank you, come again!", "Returns within 14 days"]

REPORT_TITLE = "Survey of the Footpaths"
REPORT_INTRODUCTION = [
    "Between April and October the volunteers of this society walked every public footpath of the parish, 61 "
    "kilometres in all, and noted what they found. This report gathers their notes, compares them with those of the "
    "year before, and says what ought to be mended first.",
    "On the whole the paths are in better order than they were. Of 212 stiles and gates, 187 can be used without "
    "difficulty; last year it was 164. Most of the credit belongs to the farmers, who put up new gates at their own "
    "cost wherever we asked in time. Ploughing is still a trouble in the east, where the line of two paths is lost "
    "each autumn and found again only by guessing.",
    "Water is the greater worry. The brook has moved its bed by nearly three metres since the flood, and the "
    "footbridge at Low Mill now begins in the air. Until it is rebuilt, walkers should go round by the road, which "
    "adds twenty minutes and is not pleasant.",
    "We thank everyone who took part, and above all Miss Tanaka, who drew the maps.",
]
REPORT_TABLE_HEADING = "State of the paths by district"
REPORT_TABLE = [
    ("District", "Length", "Stiles", "Blocked"),
    ("North Moor", "14.2 km", "38", "2"),
    ("Low Mill", "9.7 km", "41", "9"),
    ("Church End", "11.5 km", "52", "1"),
    ("Eastfield", "17.8 km", "60", "12"),
    ("The Commons", "7.8 km", "21", "1"),
    ("Total", "61.0 km", "212", "25"),
]
REPORT_TABLE_NOTE = (
    "A stile counts as blocked if a person of seventy could not cross it in dry weather without help. Lengths were "
    "measured with a wheel and rounded to a hundred metres."
)
REPORT_LIST_HEADING = "What should be done first"
REPORT_LIST = [
    "Rebuild the footbridge at Low Mill, higher than before, and with a handrail on both sides.",
    "Mark the two paths across Eastfield with posts that a plough cannot miss.",
    "Replace the nine broken stiles along the brook by gates; timber for them is stored at the quarry.",
    "Cut back the brambles at Church End before June, when they become impassable.",
    "Ask the council for a sign at the crossroads, where visitors regularly take the wrong lane.",
]

MINUTES = [
    (
        "MINUTES OF THE MEETING OF 5 MAY",
        [
            "Present: Adeyemi (chair), Berg, Castellano, Dufour, Ellery (minutes). Apologies: Fontaine.",
            "1. The minutes of the last meeting were read and approved without change.",
            "2. Treasurer's report. The balance on 30 April was 1,846.30. The insurance has risen by 12 per cent. Berg "
            "proposed to ask for a second offer before it is renewed in July. Agreed.",
            "3. Roof of the boathouse. Castellano has obtained two estimates, of 3,900 and 4,250. The cheaper one does "
            "not include the gutters. It was decided to ask both firms for a price that does.",
        ],
    ),
    (
        "CONTINUED, PAGE 2",
        [
            "4. New boats. Dufour reported that the double scull from the club at Hartwell is still for sale. She has "
            "rowed it, and found it sound but heavy. Nobody could say where it would be kept. Put off until June.",
            "5. Beginners' course. Nineteen people have put their names down for twelve places. Ellery will run a "
            "second course in August if two more coaches can be found.",
            "6. Complaints. A neighbour has written about the noise of the megaphone before seven in the morning. The "
            "chair will answer, and the megaphone stays in its cupboard until eight.",
        ],
    ),
    (
        "CONTINUED, PAGE 3",
        [
            "7. Regatta. The date is 13 September. Wanted: two tents, forty chairs, a first aid post, and a cake stall "
            "that does not run out of cake by noon.",
            "8. Other business. The key of the upper store is missing again. Whoever has it is asked to hang it back "
            "on its hook, and no questions will be put.",
            "The meeting closed at 9.15 p.m. The next one is on 2 June at the same place.",
        ],
    ),
]

STORY_TITLE = "The Clock That Ran on Rain"
STORY = [
    "In the square of a town that no railway ever reached there stood a clock that ran on rain. Water fell from the "
    "roofs into a copper basin, from the basin on a wheel, and the wheel moved the hands. In wet weeks the clock was "
    "punctual to the minute; in dry ones it went slower and slower, and in the great drought it stopped altogether, at "
    "twenty past four.",
    "The people arranged themselves with it. In summer the school began late, the baker slept, and a promise to come "
    "at noon was understood to mean some time before dark. In November everybody hurried.",
    "One spring a young engineer came through the town and offered to set the thing right. He had a battery with him "
    "no larger than a loaf. The mayor listened politely, gave him soup, and asked what would become of the afternoons.",
    '"Which afternoons?" said the engineer.',
    '"The long ones," said the mayor. "We get them for nothing, every year in August. You would have to put something '
    'in their place."',
    "The engineer thought about it until the soup was cold. Then he packed up his battery, and stayed for eleven "
    "years.",
]

LANGUAGES = [
    (
        "Der Brunnen",
        [
            "Als der Brunnen im Hof wieder Wasser führte, kamen zuerst die Spatzen, dann die Kinder und schließlich, "
            "mit großen Gießkannen, die Nachbarinnen aus der Bäckerstraße. Übrig blieb für die Rosen trotzdem genug. "
            "Man müsse ihn nur öfter säubern, sagte Herr Köhler, und zwar mindestens zweimal im Jahr.",
        ],
        "serif",
    ),
    (
        "Le marché",
        [
            "Dès sept heures, la place s'éveille : on déplie les bâches, on dispose les fromages, on goûte déjà les "
            "premières pêches. « Où sont les cerises ? » demande une fillette. Elles arriveront peut-être à la "
            "mi-juin, si la grêle épargne les vergers ; l'an passé, hélas, il n'y en eut guère.",
        ],
        "serif",
    ),
    (
        "山里的邮局",
        [
            "山里只有一个邮局，每天早上八点开门。老张在那里工作了三十年，认识每一个寄信的人。下雪的时候，他把炉子烧得很暖，"
            "让大家进来喝一杯热茶。有人问他会不会觉得无聊，他笑着说：每封信里都有一个故事，我只是负责把它们送到家。",
            "今年春天，邮局换了新的招牌，可是门前那棵老梨树还在。",
        ],
        "chinese",
    ),
]

HANDBOOK = [
    [
        ("<b>How to Keep a Lighthouse</b>", 20),
        ("A short handbook for those who take over in spring", 11),
        (
            "The lamp is lit half an hour before sunset and put out half an hour after sunrise. Between these times "
            "somebody is awake. This is the whole of the duty; everything else in this book is advice.",
            11,
        ),
        (
            "Clean the lenses each morning while they are still warm, with a soft cloth and spirit, from the middle to "
            "the rim. Never use the kitchen towels. There are 96 prisms, and a fingerprint on one of them can be seen "
            "from a ship eight miles away, as a smear across the beam.",
            11,
        ),
        (
            "Wind the mechanism every four hours. It takes 210 turns of the handle. If you count aloud you will not "
            "lose your place, and there is nobody to mind.",
            11,
        ),
    ],
    [
        ("<b>Stores and boats</b>", 16),
        (
            "The supply boat comes on the first calm day after the 15th. Have your list ready, and write clearly: in "
            "1988 the keeper asked for 2 bags of rice and was sent 2 bags of lice powder.",
            11,
        ),
        (
            "Oil is counted in litres, water in buckets, and patience in weeks. Keep at least 120 litres of oil, 30 "
            "buckets of water, and six weeks of the third.",
            11,
        ),
    ],
]

BAD_LAYER = (
    "VVhat tbe \\/Vinter Lcft Us lt vvas thc co1dest ]anuary sincc wc bcgan to kccp thc vveather b00k. 0n tbe nigbt 0f "
    "tbe llth tbc tbermometer bcside tbc too| sbed stood at rninus fourtecn, and tbe vvatcr butts sp1it frorn t0p to "
    "bottorn. 'I'hosc 0f us vvho had dug tbcir bcavy c|ay in auturnn vvcrc rcvvarded f0r it: tbc fr0st bas br0ken tbc "
    "c10ds int0 a crurnb tbat n0 spadc c0uld bavc rnadc. ~ ~~ ^ ;; ,, .l.l | _ ' ` ¬ ¦ § ¢ ¤ ¥ x q z zq qx"
)
