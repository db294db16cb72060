package market

// The words that the site is made of. Their order matters: the generator picks by index.

// A tongue is the language of a page, with the words that every page needs.
type tongue struct {
	code string // for the lang attribute

	start, news, agents, sold, about, contact, index string // navigation

	previous, next, list, cheapest, mapped    string
	description, similar, photo, agent, write string
	report, top                               string

	kinds, streets, remarks []string
}

var english = &tongue{
	code:  "en",
	start: "Homes", news: "News", agents: "Agents", sold: "Sold", about: "About", contact: "Contact",
	index:    "Site index",
	previous: "Previous", next: "Next", list: "All homes", cheapest: "Cheapest first", mapped: "On the map",
	description: "Description", similar: "Similar homes", photo: "Photo", agent: "Agent",
	write: "Write to the owner", report: "Report this offer", top: "Back to top",
	kinds: []string{
		"Studio", "One-bedroom flat", "Two-bedroom flat", "Three-bedroom flat", "Loft", "Duplex", "Lane house",
		"Garden house",
	},
	streets: []string{
		"Fuxing Road", "Huaihai Road", "Yuyuan Road", "Wukang Road", "Anfu Road", "Julu Road", "Changle Road",
		"Hengshan Road", "Dalian Road", "Siping Road", "Quyang Road", "Xinhua Road", "Panyu Road", "Tianshan Road",
	},
	remarks: []string{
		"South-facing and quiet.", "Ten minutes from the metro.", "Renovated two years ago.",
		"Lift, bicycle room, no garage.", "The kitchen has a window.", "Sold with the furniture.",
		"One owner since it was built.", "A plane tree before the balcony.",
	},
}

var chinese = &tongue{
	code:  "zh",
	start: "二手房", news: "新闻", agents: "经纪人", sold: "已售", about: "关于", contact: "联系", index: "网站索引",
	previous: "上一页", next: "下一页", list: "全部房源", cheapest: "价格从低到高", mapped: "地图",
	description: "房源描述", similar: "相似房源", photo: "照片", agent: "经纪人", write: "联系业主",
	report: "举报房源", top: "返回顶部",
	kinds: []string{"一室一厅", "两室一厅", "三室两厅", "复式", "花园洋房", "单身公寓"},
	streets: []string{
		"张杨路", "世纪大道", "花木路", "锦绣路", "龙阳路", "浦电路", "东方路", "峨山路",
	},
	remarks: []string{
		"朝南,安静。", "步行十分钟到地铁。", "两年前装修。", "有电梯。",
		"厨房有窗。", "家具齐全。", "满五唯一。", "阳台前有梧桐树。",
	},
}

// A district is a part of the city.
type district struct {
	id     int
	name   string
	tongue *tongue
	size   int // how many homes it has
	rate   int // yuan for a square metre
}

// districts are numbered from 1, and their sizes add up to 500. The fifth is in Chinese throughout.
var districts = []*district{
	{1, "Huangpu", english, 66, 112_000},
	{2, "Xuhui (徐汇区)", english, 58, 98_000},
	{3, "Jing'an", english, 71, 104_000},
	{4, "Changning", english, 49, 87_000},
	{5, "浦东新区", chinese, 64, 79_000},
	{6, "Hongkou", english, 60, 74_000},
	{7, "Yangpu (杨浦区)", english, 57, 71_000},
	{8, "Minhang", english, 75, 56_000},
}

const agents = 40

var givenNames = []string{"Ada", "Bo", "Chen", "Dora", "Emil", "Fang", "Grace", "Hua", "Ines", "Jun"}

var familyNames = []string{"Li", "O'Neill", "Wang", "Zhou"}

const newsItems = 24

// Each headline is about one district.
var headlines = []string{
	"Prices in %s hold steady", "Fewer viewings in %s this month", "New metro exit opens in %s", "%s: what a first home costs",
}
