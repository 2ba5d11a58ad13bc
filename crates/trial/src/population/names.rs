//! Plausible names. Any likeness to a living person is chance.

use card::Sex;

use super::dice::Dice;

/// Which custom a family names its children by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custom {
    /// Kazakh given names, patronymics with ұлы and қызы.
    Kazakh,
    /// Russian given names and patronymics.
    Russian,
}

const KAZAKH_WOMEN: &[&str] = &[
    "Айгерім",
    "Айжан",
    "Айнұр",
    "Айым",
    "Ақбота",
    "Ақмарал",
    "Алия",
    "Алтынай",
    "Анар",
    "Арай",
    "Аружан",
    "Асель",
    "Аяжан",
    "Аяулым",
    "Баян",
    "Ботагөз",
    "Гауһар",
    "Гүлім",
    "Гүлназ",
    "Гүлнұр",
    "Дана",
    "Динара",
    "Еркежан",
    "Жадыра",
    "Жанар",
    "Жансая",
    "Жібек",
    "Зере",
    "Індира",
    "Камила",
    "Қарлығаш",
    "Лаура",
    "Ләззат",
    "Мадина",
    "Мәдина",
    "Меруерт",
    "Мөлдір",
    "Назерке",
    "Назым",
    "Нұргүл",
    "Перизат",
    "Раушан",
    "Сабина",
    "Салтанат",
    "Самал",
    "Сандуғаш",
    "Тоғжан",
    "Ұлжан",
    "Фариза",
    "Шолпан",
    "Шырын",
    "Інжу",
];

const KAZAKH_MEN: &[&str] = &[
    "Абай",
    "Айбек",
    "Айдар",
    "Айдын",
    "Алихан",
    "Алмас",
    "Асқар",
    "Асылбек",
    "Бауыржан",
    "Бекзат",
    "Берік",
    "Болат",
    "Ғалым",
    "Дархан",
    "Дәурен",
    "Диас",
    "Ерасыл",
    "Ербол",
    "Еркін",
    "Ерлан",
    "Ернар",
    "Жандос",
    "Жанибек",
    "Жасұлан",
    "Исатай",
    "Қайрат",
    "Қанат",
    "Қуаныш",
    "Мади",
    "Мақсат",
    "Манас",
    "Марат",
    "Мейірлан",
    "Мирас",
    "Мұрат",
    "Нұрбол",
    "Нұржан",
    "Нұрлан",
    "Нұрсұлтан",
    "Олжас",
    "Рауан",
    "Ринат",
    "Руслан",
    "Саят",
    "Серік",
    "Сұлтан",
    "Талғат",
    "Темірлан",
    "Тимур",
    "Ұлан",
    "Шыңғыс",
    "Ілияс",
];

const KAZAKH_STEMS: &[&str] = &[
    "Абдрахман",
    "Ахмет",
    "Айтжан",
    "Алдаберген",
    "Аман",
    "Асан",
    "Бай",
    "Байжан",
    "Бекмұхамбет",
    "Боран",
    "Дүйсен",
    "Ескендір",
    "Есім",
    "Жақсылық",
    "Жақып",
    "Жұма",
    "Ибрай",
    "Исабек",
    "Кәрім",
    "Қали",
    "Қасым",
    "Қожахмет",
    "Қонысбай",
    "Мұқан",
    "Мұса",
    "Нүсіп",
    "Нұрпейіс",
    "Омар",
    "Оразбай",
    "Оспан",
    "Рахым",
    "Сәрсен",
    "Сатыбалды",
    "Сейіт",
    "Смағұл",
    "Сүлеймен",
    "Тәжі",
    "Төлеген",
    "Тұрсын",
    "Үмбет",
    "Шәріп",
    "Ысқақ",
    "Ыбырайым",
];

const RUSSIAN_WOMEN: &[&str] = &[
    "Александра",
    "Алёна",
    "Алина",
    "Анастасия",
    "Анна",
    "Валентина",
    "Вера",
    "Виктория",
    "Галина",
    "Дарья",
    "Екатерина",
    "Елена",
    "Ирина",
    "Ксения",
    "Лариса",
    "Любовь",
    "Людмила",
    "Маргарита",
    "Марина",
    "Мария",
    "Надежда",
    "Наталья",
    "Оксана",
    "Ольга",
    "Полина",
    "Светлана",
    "София",
    "Татьяна",
    "Юлия",
    "Яна",
];

const RUSSIAN_MEN: &[&str] = &[
    "Александр",
    "Алексей",
    "Андрей",
    "Антон",
    "Артём",
    "Борис",
    "Вадим",
    "Виктор",
    "Владимир",
    "Денис",
    "Дмитрий",
    "Евгений",
    "Егор",
    "Иван",
    "Игорь",
    "Кирилл",
    "Константин",
    "Максим",
    "Михаил",
    "Николай",
    "Олег",
    "Павел",
    "Роман",
    "Сергей",
    "Степан",
    "Фёдор",
    "Юрий",
    "Ярослав",
];

const RUSSIAN_STEMS: &[&str] = &[
    "Белов",
    "Васильев",
    "Волков",
    "Голубев",
    "Григорьев",
    "Ершов",
    "Жуков",
    "Зайцев",
    "Иванов",
    "Калинин",
    "Киселёв",
    "Ковалёв",
    "Козлов",
    "Крылов",
    "Кузнецов",
    "Лебедев",
    "Макаров",
    "Морозов",
    "Никитин",
    "Новиков",
    "Орлов",
    "Павлов",
    "Петров",
    "Попов",
    "Романов",
    "Семёнов",
    "Смирнов",
    "Соколов",
    "Степанов",
    "Титов",
    "Фёдоров",
    "Фомин",
    "Шевелёв",
    "Юдин",
    "Яковлев",
];

/// A family name before its ending tells the sex of the bearer.
pub type Stem = &'static str;

/// The stem of a family's name.
pub fn stem(custom: Custom, dice: &mut Dice) -> Stem {
    dice.one_of(match custom {
        Custom::Kazakh => KAZAKH_STEMS,
        Custom::Russian => RUSSIAN_STEMS,
    })
}

/// A given name.
pub fn given(custom: Custom, sex: Sex, dice: &mut Dice) -> &'static str {
    dice.one_of(match (custom, sex) {
        (Custom::Kazakh, Sex::Female) => KAZAKH_WOMEN,
        (Custom::Kazakh, Sex::Male) => KAZAKH_MEN,
        (Custom::Russian, Sex::Female) => RUSSIAN_WOMEN,
        (Custom::Russian, Sex::Male) => RUSSIAN_MEN,
    })
}

/// The family name of a person.
pub fn family(custom: Custom, sex: Sex, stem: Stem) -> String {
    let feminine = if sex == Sex::Female { "а" } else { "" };
    match custom {
        Custom::Russian => format!("{stem}{feminine}"),
        Custom::Kazakh => {
            // Ибрай: Ибраев; Мұса: Мұсаев; Оспан: Оспанов.
            let (stem, ending) = match stem.strip_suffix('й') {
                Some(open) => (open, "ев"),
                None if stem.ends_with(['а', 'ә', 'е', 'и', 'і', 'о', 'ы']) => (stem, "ев"),
                None => (stem, "ов"),
            };
            format!("{stem}{ending}{feminine}")
        }
    }
}

/// The patronymic of a child of a father with that given name.
pub fn patronymic(custom: Custom, sex: Sex, father: &str) -> String {
    match (custom, sex) {
        (Custom::Kazakh, Sex::Female) => format!("{father}қызы"),
        (Custom::Kazakh, Sex::Male) => format!("{father}ұлы"),
        (Custom::Russian, _) => {
            let ending = if sex == Sex::Female { "на" } else { "ич" };
            match father.strip_suffix(['й', 'ь']) {
                Some(stem) => format!("{stem}ев{ending}"),
                None => format!("{father}ов{ending}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_follow_sex_and_custom() {
        assert_eq!(family(Custom::Kazakh, Sex::Female, "Оспан"), "Оспанова");
        assert_eq!(family(Custom::Kazakh, Sex::Male, "Сейіт"), "Сейітов");
        assert_eq!(family(Custom::Kazakh, Sex::Female, "Ибрай"), "Ибраева");
        assert_eq!(family(Custom::Kazakh, Sex::Male, "Мұса"), "Мұсаев");
        assert_eq!(family(Custom::Russian, Sex::Female, "Орлов"), "Орлова");
        assert_eq!(patronymic(Custom::Kazakh, Sex::Female, "Ерлан"), "Ерланқызы");
        assert_eq!(patronymic(Custom::Russian, Sex::Male, "Сергей"), "Сергеевич");
        assert_eq!(patronymic(Custom::Russian, Sex::Female, "Иван"), "Ивановна");
    }
}
